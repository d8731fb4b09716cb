# 4.3 the old entry is given back before the new one is looked at
/^int entry_replace(/,/^}/{
s/^    entry_put(p, t, old);$/    (void)old;/
s/^    int rc = entry_get(p, t, e);$/    entry_put(p, t, old);\n    int rc = entry_get(p, t, e);/
}
