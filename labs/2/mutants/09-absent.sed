# 2.9 a gate that is not present is gone through
s/return (high & 0x8000) \&\&/return/
