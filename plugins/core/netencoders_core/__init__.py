"""The layers of netencoders: functions from array to array, such as logarithms and statistics."""
