# 6.3 SYSENTER's MSRs may be read and not written
s/~(3u << 2 \*/~(1u << 2 */
