# 4.7 of a long batch only the first requests are done
/^static int batch(/,/^}/s/rc == 0 && done < arg\[1\]/rc == 0 \&\& done < arg[1] \&\& done < 32/
