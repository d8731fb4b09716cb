# 5.2 the x87 shows where it really was
s/(ATTR_BRANCH | ATTR_X87)/(ATTR_BRANCH)/
