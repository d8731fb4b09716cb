# 7.4 what the fault cut short is lost
/^void nested_page_fault/,/^}/s/^        hvm_deliver_again(h);/        (void)0;/
