# 4.5 the count is written only if all went well
/^static int batch(/,/^}/s/if (done_out \&\& copy_out/if (done_out \&\& rc == 0 \&\& copy_out/
