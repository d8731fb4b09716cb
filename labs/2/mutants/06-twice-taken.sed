# 2.6 the 8259 is asked twice
s/uint8_t vector = board_acknowledge(v->board);/uint8_t vector = board_acknowledge(v->board);\n        board_acknowledge(v->board);/
