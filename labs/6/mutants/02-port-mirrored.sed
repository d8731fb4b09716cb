# 6.2 the bit of the port is counted from the wrong end of its byte
s/1u << DELAY_PORT % 8/0x80u >> DELAY_PORT % 8/
