"""The layers: functions from array to array, such as logarithms and statistics."""
