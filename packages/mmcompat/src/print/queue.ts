/** A priority queue: the cheapest first, of equals the one that came first. */
export class Queue<T> {
  readonly #heap: { readonly item: T; readonly cost: number; readonly order: number }[] = [];
  #pushed = 0;

  /** How many were ever pushed. */
  get pushed(): number {
    return this.#pushed;
  }

  push(item: T, cost: number): void {
    const heap = this.#heap;
    const entry = { item, cost, order: this.#pushed++ };
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(at, parent)) break;
      this.#swap(at, parent);
      at = parent;
    }
  }

  pop(): { readonly item: T; readonly cost: number } | undefined {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    heap[0] = last;
    for (let at = 0; ; ) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      let smallest = at;
      if (left < heap.length && this.#isBefore(left, smallest)) smallest = left;
      if (right < heap.length && this.#isBefore(right, smallest)) smallest = right;
      if (smallest === at) return first;
      this.#swap(at, smallest);
      at = smallest;
    }
  }

  #isBefore(left: number, right: number): boolean {
    const [one, other] = [this.#heap[left], this.#heap[right]];
    if (one === undefined || other === undefined) return false;
    return one.cost < other.cost || (one.cost === other.cost && one.order < other.order);
  }

  #swap(left: number, right: number): void {
    const [one, other] = [this.#heap[left], this.#heap[right]];
    if (one !== undefined && other !== undefined) [this.#heap[left], this.#heap[right]] = [other, one];
  }
}
