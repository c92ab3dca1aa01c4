import type { TemplateResult } from 'lit';

/** A column as data. `T` is the row. */
export interface GridColumn<T> {
  readonly key: string;
  readonly header: string;
  readonly cell: (row: T) => TemplateResult | string;
  readonly align?: 'end';
  /** CSS width; a column without `grow: 0` shares what is left. */
  readonly width: string;
  readonly grow?: number;
  readonly sortable?: boolean;
  /** Shown only where the grid is at least this wide, in pixels. */
  readonly from?: number;
  /** Shown only where the grid is narrower than this, in pixels. */
  readonly below?: number;
  /** What the column means, on hover. */
  readonly hover?: string;
}

/** A column that is shown where the grid is at least `from` pixels wide. */
export function column<T>(
  key: string,
  header: string,
  width: string,
  from: number,
  cell: GridColumn<T>['cell'],
  more: Partial<GridColumn<T>> = {},
): GridColumn<T> {
  return { key, header, width, from, cell, ...more };
}

export interface GridSort {
  readonly key: string;
  readonly order: 'asc' | 'desc';
}

/** Where a grid's rows come from, a page at a time. A page that is at hand is given at once. */
export interface GridSource<T> {
  readonly pageSize: number;
  readonly size: number;
  page(index: number): readonly T[] | Promise<readonly T[]>;
}

/** All rows are in memory. */
export function sourceOf<T>(rows: readonly T[]): GridSource<T> {
  const pageSize = 200;
  return {
    pageSize,
    size: rows.length,
    page: (index) => rows.slice(index * pageSize, (index + 1) * pageSize),
  };
}

/** The columns that a grid of this width shows. */
export function columnsFor<T>(
  columns: readonly GridColumn<T>[],
  widthPx: number,
): readonly GridColumn<T>[] {
  return columns.filter(
    ({ from, below }) => widthPx >= (from ?? 0) && widthPx < (below ?? Number.POSITIVE_INFINITY),
  );
}

/** What clicking a header asks for: the same column the other way round, another one ascending. */
export function nextSort(current: GridSort | undefined, key: string): GridSort {
  if (current?.key !== key) return { key, order: 'asc' };
  return { key, order: current.order === 'asc' ? 'desc' : 'asc' };
}
