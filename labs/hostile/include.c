// absolute path: takes a file in while it is compiled
#include "/etc/passwd"
