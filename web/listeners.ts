/** A set of callbacks that hear of one thing. Each part that changes owns one. */
export class Listeners<A extends readonly unknown[] = []> {
  readonly #all = new Set<(...args: A) => void>();

  get size(): number {
    return this.#all.size;
  }

  /** @returns a function that ends the subscription. */
  add(listener: (...args: A) => void): () => void {
    this.#all.add(listener);
    return () => {
      this.#all.delete(listener);
    };
  }

  tell(...args: A): void {
    for (const listener of this.#all) listener(...args);
  }
}
