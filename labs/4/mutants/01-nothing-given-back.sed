# 4.4 a table that is refused keeps what its good entries used
/^static int table_get(/,/^}/s/while (i-- > 0)/while (0 \&\& i-- > 0)/
