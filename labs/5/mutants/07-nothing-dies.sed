# 5.5 a write to code kills no unit
/^void unit_written/,/^}/s/unit_drop(t, u);/(void)u;/
