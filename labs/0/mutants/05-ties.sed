# 0.4 of two that took the same, the later first
s/: a < b;/: a > b;/
