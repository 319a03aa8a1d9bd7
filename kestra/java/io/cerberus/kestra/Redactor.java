package io.cerberus.kestra;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;

/**
 * Replaces every known secret value, in any of the forms that it was given, in texts of any size.
 *
 * <p>The letters A to Z count as small ones. A text costs one look-up a byte, however many secrets there are.
 */
public final class Redactor {
    private static final byte[] MASK = "******".getBytes(StandardCharsets.US_ASCII);
    private static volatile Patterns known = new Patterns(new byte[0][]);

    private Redactor() {}

    /** Names the values that must never be shown, instead of those named before. */
    public static void know(String[] values) {
        known = new Patterns(Arrays.stream(values)
            .map(value -> value.getBytes(StandardCharsets.UTF_8))
            .toArray(byte[][]::new));
    }

    /** Returns the text without secrets; the same object when there were none. */
    public static String redact(String text) {
        if (text == null || text.length() < Patterns.KEY) {
            return text;
        }
        byte[] given = text.getBytes(StandardCharsets.UTF_8);
        byte[] clean = redact(given);
        return clean == given ? text : new String(clean, StandardCharsets.UTF_8);
    }

    /** Returns the bytes without secrets; the same array when there were none. */
    public static byte[] redact(byte[] text) {
        return begin(text, true).clean();
    }

    /**
     * Returns the part of a longer text without secrets, and how many bytes at its end must wait for the next
     * part, because they may be the beginning of a secret.
     */
    public static Part begin(byte[] text, boolean isLast) {
        Patterns patterns = known;
        ByteArrayOutputStream clean = null;
        int kept = 0;
        int end = text.length;
        for (int at = 0; at < text.length; ) {
            int length = patterns.match(text, at);
            if (length == 0) {
                if (!isLast && patterns.mayBegin(text, at)) {
                    end = at;
                    break;
                }
                at++;
                continue;
            }
            if (clean == null) {
                clean = new ByteArrayOutputStream(text.length);
            }
            clean.write(text, kept, at - kept);
            clean.writeBytes(MASK);
            at += length;
            kept = at;
        }
        if (clean == null) {
            return new Part(end == text.length ? text : Arrays.copyOf(text, end), text.length - end);
        }
        clean.write(text, kept, end - kept);
        return new Part(clean.toByteArray(), text.length - end);
    }

    /** A part of a text without secrets, and the number of bytes that were held back from it. */
    public record Part(byte[] clean, int held) {}

    /** Values with equal first bytes share a chain, the longest first. */
    private static final class Patterns {
        static final int KEY = 4;
        private final byte[][] values;
        private final int[] next;
        private final int[] heads;
        private final int longest;

        Patterns(byte[][] given) {
            values = Arrays.stream(given)
                .filter(value -> value.length >= KEY)
                .map(Patterns::folded)
                .sorted(Comparator.comparingInt((byte[] value) -> value.length))
                .toArray(byte[][]::new);
            next = new int[values.length];
            heads = new int[1 << 14];
            Arrays.fill(heads, -1);
            for (int index = 0; index < values.length; index++) {
                int slot = slot(key(values[index], 0));
                next[index] = heads[slot];
                heads[slot] = index;
            }
            longest = values.length == 0 ? 0 : values[values.length - 1].length;
        }

        int match(byte[] text, int at) {
            if (text.length - at < KEY) {
                return 0;
            }
            for (int index = heads[slot(key(text, at))]; index >= 0; index = next[index]) {
                if (starts(text, at, values[index], values[index].length)) {
                    return values[index].length;
                }
            }
            return 0;
        }

        /** Tells whether all that is left of the text is the beginning of a longer value. */
        boolean mayBegin(byte[] text, int at) {
            int rest = text.length - at;
            if (rest >= longest) {
                return false;
            }
            for (byte[] value : values) {
                if (value.length > rest && starts(text, at, value, rest)) {
                    return true;
                }
            }
            return false;
        }

        private static boolean starts(byte[] text, int at, byte[] value, int length) {
            if (text.length - at < length) {
                return false;
            }
            for (int offset = 0; offset < length; offset++) {
                if (fold(text[at + offset]) != value[offset]) {
                    return false;
                }
            }
            return true;
        }

        private static int key(byte[] text, int at) {
            return (fold(text[at]) & 255) << 24
                | (fold(text[at + 1]) & 255) << 16
                | (fold(text[at + 2]) & 255) << 8
                | (fold(text[at + 3]) & 255);
        }

        private static int slot(int key) {
            return (key * 0x9E3779B1) >>> 18;
        }

        private static byte fold(byte letter) {
            return letter >= 'A' && letter <= 'Z' ? (byte) (letter + 32) : letter;
        }

        private static byte[] folded(byte[] value) {
            byte[] folded = value.clone();
            for (int index = 0; index < folded.length; index++) {
                folded[index] = fold(folded[index]);
            }
            return folded;
        }
    }
}
