# 5.2 a GS override reads what GS is here
s/in->override != SEG_GS && in->override != SEG_CS;/in->override != SEG_CS;/
