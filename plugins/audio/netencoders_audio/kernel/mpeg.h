/* The walk over the frames of MPEG audio, with the check of the bit reservoir of layer III.
 *
 * The frames and the verdicts are those of `files/mpeg_frames.py` and `files/mpeg_reservoir.py`,
 * which explain them. The bytes are those of a file, so they may have any values: each read is
 * compared with the size. */

/* One form of frames, and the state from piece to piece. `kernel/scans.py` has the same structure. */
struct mpeg_walk {
    int64_t lengths[16]; /* without padding, by the index of the bit rate; 0: no frame */
    int64_t slot;        /* the bytes of padding */
    int64_t mask, head;  /* of a header of this form, the fixed bits and their values */
    int64_t mono;
    int64_t layer;
    int64_t side;        /* layer III: the bytes of the side information */
    int64_t back;        /* the bits behind main_data_begin, in its word of 32 bits */
    int64_t granules;    /* in both channels, at most 4 */
    int64_t places[4];   /* the word of each granule in a frame, and the bits behind its two fields */
    int64_t bits[4];
    int64_t bytes;       /* of main data, up to the last frame */
    int64_t end;         /* of the sound of the last frame */
    int64_t count;       /* result: the number of frames with sound */
    int64_t damaged;     /* result: the number of those whose side information is not possible */
    int64_t tag;         /* result: the length of a first frame that contains a tag; 0: none */
};

enum { MARGIN = 64, ZEROS = 576, MAX_PAIRS = 288 };

/* Four bytes, the first one as the highest; those behind the end are zero. */
static uint32_t word_at(const uint8_t *data, int64_t size, int64_t at)
{
    uint32_t word = 0;
    for (int i = 0; i < 4; i++)
        word = word << 8 | (at + i < size ? data[at + i] : 0);
    return word;
}

static int64_t frame_length(const struct mpeg_walk *walk, uint32_t head)
{
    if ((head & (uint32_t)walk->mask) != (uint32_t)walk->head || ((head & 0xC0) == 0xC0) != walk->mono)
        return 0;
    int64_t length = walk->lengths[head >> 12 & 15];
    return length > 0 ? length + (head >> 9 & 1) * walk->slot : 0;
}

/* Whether a frame has no sound: zeros, and then the name of a tag at one of three places. */
static int has_tag(const struct mpeg_walk *walk, const uint8_t *data, int64_t size, int64_t at)
{
    int64_t name = 6;
    while (name < 36 && at + name < size && !data[at + name])
        name++;
    if (name != 4 + walk->side && name != 6 + walk->side && name != 36)
        return 0;
    uint32_t word = word_at(data, size, at + name);
    return word == 0x58696E67 || word == 0x496E666F || word == 0x56425249; /* Xing, Info, VBRI */
}

/* Whether ZEROS zeros or more begin in a part. Such a run contains one of the words of 8 bytes. */
static int has_zeros(const uint8_t *data, int64_t size, int64_t start, int64_t stop)
{
    for (int64_t at = start; at + 8 <= size && at < stop + ZEROS; at += ZEROS - 8) {
        int64_t begin = at, end = at;
        while (end < size && end - at < ZEROS && !data[end])
            end++;
        if (end - at < 8)
            continue;
        while (begin > start && end - begin < ZEROS && !data[begin - 1])
            begin--;
        if (end - begin >= ZEROS)
            return 1;
    }
    return 0;
}

/* Walk over the frames at the beginning of `size` bytes, of which the file has `room`.
 *
 * Returns the length of the frames; -1 if the piece needs the walk in Python: a frame behind the
 * first one has a tag, or there are many zeros. Then nothing is changed. */
EXPORT int64_t netencoders_mpeg_walk(
    struct mpeg_walk *walk, const uint8_t *data, int64_t size, int64_t room)
{
    const int64_t last = size - (size == room ? 3 : MARGIN);
    int64_t bytes = walk->bytes, before = walk->end, count = 0, damaged = 0, tag = 0, at = 0;
    while (at < last) {
        const uint32_t head = word_at(data, size, at);
        const int64_t length = frame_length(walk, head);
        if (!length || length > room - at)
            break;
        if (walk->layer != 3) {
            count++;
        } else if (!word_at(data, size, at + 8) && has_tag(walk, data, size, at)) {
            if (at)
                return -1;
            tag = length;
        } else {
            const int64_t checksum = head >> 16 & 1 ? 0 : 2;
            const int64_t main_data = length - 4 - walk->side - checksum;
            int64_t bits = 0, many = 0;
            for (int64_t i = 0; i < walk->granules && i < 4; i++) {
                uint32_t word = word_at(data, size, at + checksum + walk->places[i]);
                bits += word >> (walk->bits[i] & 31) & 0xFFF;
                many |= (word >> ((walk->bits[i] - 9) & 31) & 0x1FF) > MAX_PAIRS;
            }
            const int64_t first =
                bytes - (word_at(data, size, at + checksum + 4) >> (walk->back & 31));
            const int64_t end = first + ((bits + 7) >> 3);
            bytes += main_data;
            damaged += end > bytes || first < before || many;
            before = end;
            count++;
        }
        at += length;
    }
    if (walk->layer == 3 && at > tag && has_zeros(data, size, tag, at))
        return -1;
    if (count && walk->layer == 3) {
        walk->bytes = bytes;
        walk->end = before < bytes ? before : bytes;
    }
    walk->count = count;
    walk->damaged = damaged;
    walk->tag = tag;
    return at;
}
