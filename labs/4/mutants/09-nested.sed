# 4.2 a multicall within a multicall
s/return number != XEN_multicall && number != XEN_iret;/return number != XEN_iret;/
