# 3.2 the guest gets the error code that the real processor found for the shadow
s/\.error = w->error,/.error = w->error ? x->event.error : 0,/
