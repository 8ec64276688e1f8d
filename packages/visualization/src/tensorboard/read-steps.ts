/** Steps at which each name stands in an event file. */
export type StepsByName = Map<string, Set<number>>;

/** Adds what an event file says to `steps`; a record that was cut off when its writer was killed ends the reading. */
export function readSteps(file: Uint8Array, steps: StepsByName): void {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  for (let at = 0; at + 16 <= file.length; ) {
    const length = Number(view.getBigUint64(at, true));
    if (at + 16 + length > file.length) return;
    readEvent(file.subarray(at + 12, at + 12 + length), steps);
    at += 16 + length;
  }
}

function readEvent(event: Uint8Array, steps: StepsByName): void {
  let step = 0;
  const names: string[] = [];
  for (const { number, value } of fieldsOf(event)) {
    if (number === 2 && typeof value === 'number') step = value;
    if (number !== 5 || typeof value === 'number') continue;
    for (const { value: each } of fieldsOf(value)) {
      const name = typeof each === 'number' ? undefined : fieldsOf(each).next().value?.value;
      if (name !== undefined && typeof name !== 'number') names.push(new TextDecoder().decode(name));
    }
  }
  for (const name of names) steps.set(name, (steps.get(name) ?? new Set()).add(step));
}

/** The fields of a message: whole numbers as such, others by their bytes. */
function* fieldsOf(message: Uint8Array): Generator<{ readonly number: number; readonly value: number | Uint8Array }> {
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = message[at] ?? 0;
      at += 1;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const tag = varint();
    const type = tag & 7;
    if (type === 0) yield { number: tag >>> 3, value: varint() };
    else {
      const length = type === 2 ? varint() : type === 1 ? 8 : 4;
      yield { number: tag >>> 3, value: message.subarray(at, at + length) };
      at += length;
    }
  }
}
