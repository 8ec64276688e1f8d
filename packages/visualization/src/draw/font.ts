// An own bitmap font of printable ASCII, five pixels wide. A glyph is its rows from the top, one digit of base 32 each, the highest
// bit leftmost: seven down to the base line, two below where it reaches so far.
const GLYPHS = [
  '0000000 4444404 aaa0000 aavavaa 4fke5u4 op248j3 cik8lid 4480000 2488842 8422248 04lel40 044v440 00000c48 000v000 00000cc 01248g0',
  'ehjlphe 4c4444e eh1248v v2421he 26aiv22 vgu11he 68guhhe v124888 ehhehhe ehhf12c 0cc0cc0 0cc0c48 248g842 00v0v00 8421248 eh12404',
  'eh1dlle ehhvhhh uhhuhhu ehggghe sihhhis vgguggv vgguggg ehgnhhf hhhvhhh e44444e 72222ic hikokih ggggggv hrllhhh hhpljhh ehhhhhe',
  'uhhuggg ehhhlid uhhukih fgge11u v444444 hhhhhhe hhhhha4 hhhllla hha4ahh hhha444 v1248gv e88888e 0g84210 e22222e 4ah0000 0000000v',
  '8420000 00e1fhf ggmphhu 00egghe 11djhhf 00ehvge 698s888 00fhhjd1e ggmphhh 40c444e 2062222ic ggikoki c44444e 00qllhh 00mphhh 00ehhhe',
  '00uhhpmgg 00fhhjd11 00mpggg 00fge1u 88s8896 00hhhjd 00hhha4 00hhlla 00ha4ah 00hhhjd1e 00v248v 2448442 4444444 8442448 008l200',
].flatMap((line) => line.split(' '));

const UNKNOWN = 'vhhhhhv';
const FIRST = 0x20;
const LINE = 9;
const ADVANCE = 6;

const scaleOf = (size: number): number => Math.max(1, Math.round(size / LINE));

/** Width and height in pixels of a text whose lines are `size` pixels high, `size` rounded to a multiple of 9. */
export function textSize(text: string, size: number): { readonly width: number; readonly height: number } {
  const lines = text.split('\n');
  const columns = Math.max(...lines.map((line) => Array.from(line).length));
  const scale = scaleOf(size);
  return { width: Math.max(0, columns * ADVANCE - 1) * scale, height: (lines.length * (LINE + 1) - 1) * scale };
}

/** The squares that a text is made of: left, top and side in pixels from its upper left corner. */
export function* glyphBoxes(text: string, size: number): Generator<readonly [left: number, top: number, side: number]> {
  const scale = scaleOf(size);
  for (const [lineIndex, line] of text.split('\n').entries())
    for (const [column, character] of Array.from(line).entries()) {
      const glyph = GLYPHS[(character.codePointAt(0) ?? 0) - FIRST] ?? UNKNOWN;
      for (const [row, digit] of Array.from(glyph).entries())
        for (let bit = 0; bit < 5; bit += 1)
          if ((Number.parseInt(digit, 32) >> (4 - bit)) & 1)
            yield [(column * ADVANCE + bit) * scale, (lineIndex * (LINE + 1) + row) * scale, scale];
    }
}
