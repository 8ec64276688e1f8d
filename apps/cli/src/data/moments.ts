/** Mean and spread of many numbers that come in groups, without keeping them. */
export class Moments {
  count = 0;
  mean = 0;
  min = Number.POSITIVE_INFINITY;
  max = Number.NEGATIVE_INFINITY;
  #squares = 0;

  /** Standard deviation of all numbers (divided by their count). */
  get std(): number {
    return this.count === 0 ? 0 : Math.sqrt(this.#squares / this.count);
  }

  add(value: number): void {
    this.addGroup([value], { start: 0, step: 1, count: 1 });
  }

  /** `count` numbers of `data`, from `start` on every `step`-th. */
  addGroup(
    data: ArrayLike<number>,
    { start, step, count }: { readonly start: number; readonly step: number; readonly count: number },
  ): void {
    if (count === 0) return;
    let sum = 0;
    for (let i = 0, at = start; i < count; i += 1, at += step) {
      const value = data[at] as number;
      sum += value;
      if (value < this.min) this.min = value;
      if (value > this.max) this.max = value;
    }
    const mean = sum / count;
    let squares = 0;
    for (let i = 0, at = start; i < count; i += 1, at += step) squares += ((data[at] as number) - mean) ** 2;
    const [total, difference] = [this.count + count, mean - this.mean];
    this.#squares += squares + (difference * difference * this.count * count) / total;
    this.mean += (difference * count) / total;
    this.count = total;
  }

  /** Undefined when nothing was added. */
  summary(): { readonly min: number; readonly mean: number; readonly max: number } | undefined {
    return this.count === 0 ? undefined : { min: this.min, mean: this.mean, max: this.max };
  }
}
