import type { FloorDocument, FloorStockRow } from '#contracts/api/floor-api.ts';
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { FloorParts } from '../floor-parts.ts';
import { heldStatuses } from '../words/act-words.ts';

type Line = Pick<FloorDocument['lines'][number], 'item' | 'lot' | 'owner'>;

/** From where something can be sent out: what the book has free, and which of it is taken. */
export class FreeStock implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #parts: () => FloorParts;
  #asked = 0;
  #rows: readonly FloorStockRow[] = [];
  #row: FloorStockRow | undefined;

  constructor(host: ReactiveControllerHost, parts: () => FloorParts) {
    this.#host = host;
    this.#parts = parts;
    host.addController(this);
  }

  get rows(): readonly FloorStockRow[] {
    return this.#rows;
  }

  get row(): FloorStockRow | undefined {
    return this.#row;
  }

  hostDisconnected(): void {
    this.#asked += 1;
  }

  clear(): void {
    this.#asked += 1;
    this.#become([], undefined);
  }

  choose(row: FloorStockRow | undefined): void {
    this.#become(this.#rows, row);
  }

  /** What is free of a line's goods, first where it is to leave; the only place is chosen. */
  async find({ item, lot, owner }: Line, home: string | null): Promise<void> {
    this.clear();
    const asked = this.#asked;
    const answer = await this.#parts().data.stock({ item });
    if (!answer.ok || asked !== this.#asked) return;
    const rows = answer.value.rows
      .filter((row) => row.owner === owner && (lot === null || row.lot === lot))
      .filter(({ quantity, status }) => (quantity ?? 1) > 0 && !heldStatuses.includes(status))
      .sort((a, b) => Number(b.zone === home) - Number(a.zone === home));
    const [first] = rows;
    const isPlain = rows.length === 1 || first?.zone === home;
    this.#become(rows, isPlain ? first : undefined);
  }

  #become(rows: readonly FloorStockRow[], row: FloorStockRow | undefined): void {
    this.#rows = rows;
    this.#row = row;
    this.#host.requestUpdate();
  }
}
