/** The greatest first: adding and taking cost the logarithm of the size. */
export class MaxHeap<Item> {
  readonly #items: Item[] = [];

  constructor(private readonly valueOf: (item: Item) => number) {}

  push(item: Item): void {
    let place = this.#items.push(item) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (this.#at(parent) >= this.#at(place)) return;
      this.#swap(parent, place);
      place = parent;
    }
  }

  pop(): Item | undefined {
    const [top] = this.#items;
    const last = this.#items.pop();
    if (last === undefined || this.#items.length === 0) return top;
    this.#items[0] = last;
    this.#sink();
    return top;
  }

  #sink(): void {
    for (let place = 0; ; ) {
      const left = 2 * place + 1;
      const greater = this.#at(left + 1) > this.#at(left) ? left + 1 : left;
      if (this.#at(greater) <= this.#at(place)) return;
      this.#swap(place, greater);
      place = greater;
    }
  }

  #at(place: number): number {
    const item = this.#items[place];
    return item === undefined ? -Infinity : this.valueOf(item);
  }

  #swap(one: number, other: number): void {
    [this.#items[one], this.#items[other]] = [this.#items[other] as Item, this.#items[one] as Item]; // both places are filled
  }
}
