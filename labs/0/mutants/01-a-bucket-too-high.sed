# 0.3 a cost is counted in the bucket above its own
s/cost >> (k + 1)/cost >> k/
