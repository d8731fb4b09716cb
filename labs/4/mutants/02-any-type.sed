# 4.3 a frame may be two things at a time
/^int type_get(/,/^}/s/f->type_count != 0 && f->type != t/f->type_count != 0 \&\& false/
