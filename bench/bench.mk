# Benchmarks.
#
#   make predictions   measure, and renew the table in docs/COSTS.md

predictions: all
	$(Q)$(BUILD)/ringside compare --json --quiet > $(BUILD)/compare.json
	$(Q)bench/predict.sh $(BUILD)/compare.json > $(BUILD)/predictions.md
	$(Q)awk -v table=$(BUILD)/predictions.md ' \
	    /^<!-- end of predictions/ { skip = 0 } \
	    !skip { print } \
	    /^<!-- predictions/ { skip = 1; \
	        while ((getline line < table) > 0) print line }' \
	    docs/COSTS.md > docs/COSTS.md.tmp && mv docs/COSTS.md.tmp docs/COSTS.md

.PHONY: predictions
