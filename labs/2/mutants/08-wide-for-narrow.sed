# 2.9 a 16-bit gate is taken for one of 32 bits
s/(high & 0x1e00) == 0x0e00/(high \& 0x1600) == 0x0600/
