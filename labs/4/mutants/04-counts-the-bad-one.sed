# 4.5 the bad request is counted as done
/^static int batch(/,/^}/s/done += rc == 0;/done++;/
