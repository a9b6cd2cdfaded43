/* The headers of the frames of a FLAC file that is as encoders write it.
 *
 * `files/flac_scan.py` reads all other files, and explains the checks; `files/flac_frames.py` has
 * the layout of a header. The bytes are those of a file, so they may have any values: each read is
 * compared with the size. */

/* The form of a file, and the state from piece to piece. `kernel/scans.py` has the same structure. */
struct flac_scan {
    int64_t rate, channels, bits; /* of STREAMINFO */
    int64_t block;                /* the samples of each frame but the last */
    int64_t count;                /* result: the number of frames */
    int64_t place;                /* result: of the last frame, from the first byte of all pieces */
    int64_t samples;              /* result: of the last frame */
};

struct flac_header {
    uint64_t number;
    int64_t samples, channels, variable;
    int64_t rate; /* -1: only STREAMINFO states it */
    int64_t bits; /* 0: only STREAMINFO states them */
};

/* The checksum of 8 bits, with the polynomial x^8 + x^2 + x + 1, four bits at a time. */
static uint8_t flac_crc8(const uint8_t *data, int64_t count)
{
    static const uint8_t table[16] = {
        0x00, 0x07, 0x0E, 0x09, 0x1C, 0x1B, 0x12, 0x15, 0x38, 0x3F, 0x36, 0x31, 0x24, 0x23, 0x2A, 0x2D};
    uint8_t check = 0;
    for (int64_t i = 0; i < count; i++) {
        check = (uint8_t)(table[(check ^ data[i]) >> 4] ^ (check ^ data[i]) << 4);
        check = (uint8_t)(table[check >> 4] ^ check << 4);
    }
    return check;
}

/* Read a header of at most `size` bytes; return whether its values and its checksum are right. */
static int flac_header(const uint8_t *data, int64_t size, struct flac_header *header)
{
    static const int32_t rates[12] = {
        -1, 88200, 176400, 192000, 8000, 16000, 22050, 24000, 32000, 44100, 48000, 96000};
    static const uint8_t depths[8] = {0, 8, 12, 0, 16, 20, 24, 32};
    if (size < 6 || data[0] != 0xFF || (data[1] != 0xF8 && data[1] != 0xF9))
        return 0;
    const int size_code = data[2] >> 4, rate_code = data[2] & 15;
    const int channels_code = data[3] >> 4, bits_code = data[3] >> 1 & 7;
    int ones = 0;
    while (ones < 8 && data[4] >> (7 - ones) & 1)
        ones++;
    if (ones == 1 || ones == 8 || !size_code || rate_code == 15 || data[3] & 1 || channels_code > 10
        || bits_code == 3)
        return 0;
    const int count = ones ? ones : 1;
    const int size_bytes = size_code == 6 ? 1 : size_code == 7 ? 2 : 0;
    const int rate_bytes = rate_code == 12 ? 1 : rate_code > 12 ? 2 : 0;
    const int64_t length = 4 + count + size_bytes + rate_bytes;
    if (length >= size)
        return 0;
    header->number = data[4] & (0x7F >> ones);
    for (int i = 5; i < 4 + count; i++) {
        if ((data[i] & 0xC0) != 0x80)
            return 0;
        header->number = header->number << 6 | (data[i] & 0x3F);
    }
    const uint8_t *field = data + 4 + count;
    if (size_bytes)
        header->samples = (size_bytes == 1 ? field[0] : field[0] << 8 | field[1]) + 1;
    else
        header->samples = size_code == 1 ? 192 : (int64_t)(size_code < 6 ? 144 : 1) << size_code;
    field += size_bytes;
    if (rate_code < 12)
        header->rate = rates[rate_code];
    else if (rate_code == 12)
        header->rate = 1000 * field[0];
    else
        header->rate = (field[0] << 8 | field[1]) * (rate_code == 13 ? 1 : 10);
    header->variable = data[1] == 0xF9;
    header->channels = channels_code < 8 ? channels_code + 1 : 2;
    header->bits = depths[bits_code];
    return flac_crc8(data, length) == data[length];
}

/* Read the headers that begin in the first `count` of `size` bytes, at `base` in all pieces.
 *
 * Returns whether they are those of the next frames: numbered without a gap, of the form and the
 * size of the file, and the first one at the first byte. Only the last frame may be smaller. */
EXPORT int64_t netencoders_flac_scan(
    struct flac_scan *scan, const uint8_t *data, int64_t size, int64_t count, int64_t base)
{
    const uint8_t *place = data;
    while (place < data + count && (place = memchr(place, 0xFF, (size_t)(data + count - place)))) {
        const int64_t left = data + size - place;
        struct flac_header header;
        if (left >= 6 && place[1] >= 0xF8 && flac_header(place, left, &header)) {
            const int64_t at = base + (place - data);
            if (header.number != (uint64_t)scan->count || header.variable || (!scan->count && at)
                || (scan->count && scan->samples != scan->block) || header.samples > scan->block
                || (header.rate >= 0 && header.rate != scan->rate) || header.channels != scan->channels
                || (header.bits && header.bits != scan->bits))
                return 0;
            scan->count++;
            scan->place = at;
            scan->samples = header.samples;
        }
        place++;
    }
    return 1;
}

/* Whether some bytes are a frame with a correct checksum; zeros may follow it.
 *
 * The polynomial x^16 + x^15 + x^2 + 1 is (x + 1) (x^15 + x + 1): see `is_whole` in
 * `files/flac_frames.py`. Modulo the second factor, x^60 is x^4 + 1, so x^64 is x^8 + x^4. */
EXPORT int64_t netencoders_flac_whole(const uint8_t *data, int64_t size)
{
    uint64_t rest = 0, sum = 0;
    for (int64_t at = 0; at < size;) {
        uint64_t word = 0;
        const int64_t next = at ? at + 8 : (size - 1) % 8 + 1; /* zeros before the first byte */
        for (; at < next; at++)
            word = word << 8 | data[at];
        const uint64_t high = rest >> 56 ^ rest >> 60;
        rest = rest << 8 ^ rest << 4 ^ high << 8 ^ high << 4 ^ word;
        sum ^= word;
    }
    for (int shift = 32; shift; shift /= 2)
        sum ^= sum >> shift;
    for (uint64_t high; (high = rest >> 15);)
        rest = (rest & 0x7FFF) ^ high << 1 ^ high;
    return !(sum & 1) && !rest;
}
