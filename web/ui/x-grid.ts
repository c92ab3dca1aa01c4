import '@vaadin/grid/vaadin-grid.js';
import '@vaadin/grid/vaadin-grid-column.js';
import type { Grid } from '@vaadin/grid/vaadin-grid.js';
import type { GridColumn as VaadinColumn } from '@vaadin/grid/vaadin-grid-column.js';
import { html, LitElement, nothing, render, type PropertyValues } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import {
  columnsFor,
  nextSort,
  sourceOf,
  type GridColumn,
  type GridSort,
  type GridSource,
} from './grid-column.ts';
import { gridStyles } from './grid-styles.ts';
import { hostStyles } from './host-styles.ts';
import { statusStyles } from './status.ts';

/** Every row has a key that stays the same when the row's values change. */
interface GridRow {
  readonly key: string;
}

interface Renderers {
  readonly body: (root: HTMLElement, column: unknown, model: { item: GridRow }) => void;
  readonly header: (root: HTMLElement) => void;
}

/**
 * The one grid of the console: columns as data, virtual rows that are fetched by page, columns that
 * come and go with the width. Tells `row-open` {row} for a click, Enter or Space, and `sort-change`
 * {sort}. `j` and `k` move like the arrow keys.
 */
export class XGrid extends LitElement {
  static override styles = [hostStyles, statusStyles, gridStyles];
  static override properties = {
    label: { type: String },
    columns: { attribute: false },
    source: { attribute: false },
    sort: { attribute: false },
    selected: { type: String },
    partsOf: { attribute: false },
    short: { type: Boolean },
    widthPx: { state: true },
  };
  declare label: string;
  declare columns: readonly GridColumn<GridRow>[];
  declare source: GridSource<GridRow>;
  declare sort: GridSort | undefined;
  /** The key of the selected row. */
  declare selected: string;
  /** Names parts of a cell, e.g. `hatched`. */
  declare partsOf: ((row: GridRow, columnKey: string) => string) | undefined;
  /** All rows are in sight: for lists that are short by nature. */
  declare short: boolean;
  declare widthPx: number;
  readonly #renderers = new Map<string, Renderers>();
  /** The row that was opened last; the library keeps it when columns come and go. */
  #openedRow: HTMLElement | undefined;
  #hadFocus = false;
  readonly #resize = new ResizeObserver(([entry]) => {
    this.widthPx = Math.round(entry?.contentRect.width ?? 0);
  });

  constructor() {
    super();
    this.label = '';
    this.columns = [];
    this.source = sourceOf<GridRow>([]);
    this.sort = undefined;
    this.selected = '';
    this.partsOf = undefined;
    this.short = false;
    this.widthPx = 0;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#resize.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resize.disconnect();
  }

  override render() {
    if (this.widthPx === 0) return nothing;
    const columns = columnsFor(this.columns, this.widthPx);
    return html`<vaadin-grid
      .accessibleName=${this.label}
      .itemIdPath=${'key'}
      .pageSize=${this.source.pageSize}
      .dataProvider=${this.#provide}
      .selectedItems=${this.selected === '' ? [] : [{ key: this.selected }]}
      .cellPartNameGenerator=${this.#nameParts}
      .allRowsVisible=${this.short}
      @click=${this.#activated}
      @keydown=${this.#pressed}
    >
      ${repeat(
        columns,
        ({ key }) => key,
        (column, index) =>
          html`<vaadin-grid-column
            data-key=${column.key}
            width=${column.width}
            .flexGrow=${column.grow ?? 1}
            .resizable=${this.widthPx >= 640}
            .rowHeader=${index === 0}
            .header=${column.header}
            .renderer=${this.#renderersOf(column.key).body}
            .headerRenderer=${this.#renderersOf(column.key).header}
          ></vaadin-grid-column>`,
      )}
    </vaadin-grid>`;
  }

  override willUpdate(): void {
    this.#hadFocus = (this.#grid?.shadowRoot?.activeElement ?? null) !== null;
  }

  override updated(changed: PropertyValues<this>): void {
    const grid = this.#grid;
    if (grid === null) return;
    if (changed.has('widthPx')) this.#keepFocus();
    if (changed.has('source') || changed.has('widthPx')) {
      grid.size = this.source.size;
      grid.clearCache();
    } else if (changed.has('columns') || changed.has('sort')) {
      grid.requestContentUpdate();
    }
  }

  /** To the row that was opened last, else to where the keyboard stands. */
  override focus(): void {
    const row = this.#openedRow?.isConnected === true ? this.#openedRow : undefined;
    const cell =
      row?.querySelector<HTMLElement>('[part~="body-cell"]') ??
      this.#grid?.shadowRoot?.querySelector<HTMLElement>('#items [tabindex="0"]');
    cell?.focus();
  }

  /** Columns that come or go take the focused cell out of the page for a moment. */
  #keepFocus(): void {
    if (!this.#hadFocus) return;
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        if (document.activeElement === document.body) this.focus();
      }),
    );
  }

  get #grid(): Grid<GridRow> | null {
    return this.renderRoot.querySelector('vaadin-grid');
  }

  #column(key: string): GridColumn<GridRow> | undefined {
    return columnsFor(this.columns, this.widthPx).find((each) => each.key === key);
  }

  /** The library compares renderers by identity, so a column keeps its own. */
  #renderersOf(key: string): Renderers {
    let found = this.#renderers.get(key);
    if (found === undefined) {
      found = {
        body: (root, _column, { item }) => {
          const column = this.#column(key);
          const content = column?.cell(item) ?? '';
          const end = column?.align === 'end';
          render(end ? html`<span class="end">${content}</span>` : content, root);
        },
        header: (root) => this.#drawHeader(root, key),
      };
      this.#renderers.set(key, found);
    }
    return found;
  }

  #drawHeader(root: HTMLElement, key: string): void {
    const column = this.#column(key);
    if (column === undefined) return;
    const order = this.sort?.key === key ? this.sort.order : undefined;
    // The header cell itself is the library's; where the content is slotted is the one way to it.
    const cell = root.assignedSlot?.parentElement;
    if (column.sortable === true) {
      cell?.setAttribute('aria-sort', order === undefined ? 'none' : `${order}ending`);
    }
    const words =
      column.sortable === true
        ? html`<button
            class="sorter ${order ?? ''} ${order === undefined ? '' : 'sorted'}"
            title=${column.hover ?? nothing}
            @click=${() => this.#tell('sort-change', { sort: nextSort(this.sort, key) })}
          >
            ${column.header}<svg viewBox="0 0 8 8" width="8" height="8" aria-hidden="true">
              <path d="M4 1.5 7.4 6.5H.6z" fill="currentColor" />
            </svg>
          </button>`
        : html`<span title=${column.hover ?? nothing}>${column.header}</span>`;
    render(column.align === 'end' ? html`<span class="end">${words}</span>` : words, root);
  }

  readonly #provide = (
    params: { page: number },
    callback: (rows: GridRow[], size: number) => void,
  ): void => {
    const { source } = this;
    const page = source.page(params.page);
    if (!(page instanceof Promise)) callback([...page], source.size);
    else {
      void page.then((rows) => {
        if (source === this.source) callback([...rows], source.size);
      });
    }
  };

  readonly #nameParts = (column: VaadinColumn<GridRow>, model: { item: GridRow }): string =>
    this.partsOf?.(model.item, column.dataset['key'] ?? '') ?? '';

  readonly #activated = (event: MouseEvent): void => {
    const { section, item } = this.#grid?.getEventContext(event) ?? {};
    const onLink = event.composedPath().some((each) => each instanceof HTMLAnchorElement);
    if (section === 'body' && item !== undefined && !onLink) this.#open(event, item);
  };

  readonly #pressed = (event: KeyboardEvent): void => {
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    const arrow = { j: 'ArrowDown', k: 'ArrowUp' }[event.key];
    if (arrow !== undefined) {
      const key = new KeyboardEvent('keydown', { key: arrow, bubbles: true, composed: true });
      event.composedPath()[0]?.dispatchEvent(key);
    } else if (event.key === 'Enter') {
      const { section, item } = this.#grid?.getEventContext(event) ?? {};
      if (section === 'body' && item !== undefined) this.#open(event, item);
    }
  };

  #open(event: Event, row: GridRow): void {
    this.#openedRow = event
      .composedPath()
      .find((each): each is HTMLElement => each instanceof HTMLTableRowElement);
    this.#tell('row-open', { row });
  }

  #tell(type: string, detail: object): void {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
customElements.define('x-grid', XGrid);
