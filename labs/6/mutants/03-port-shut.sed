# 6.2 the delay port is not opened
s/^    open_ports(ports);/    (void)open_ports;/
