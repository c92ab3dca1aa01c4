import { css } from 'lit';

/** Cells live in the grid wrapper's own scope, so what any cell needs is here. */
export const gridStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    min-height: 0;
    min-width: 0;
  }

  vaadin-grid {
    height: auto;
    flex: 1;
    min-height: 0;
    font-size: var(--text-m);
    font-variant-numeric: tabular-nums;
  }

  vaadin-grid[all-rows-visible] {
    flex: none;
  }

  vaadin-grid::part(header-cell) {
    background: var(--surface);
  }

  vaadin-grid::part(body-row) {
    cursor: var(--grid-row-cursor, default);
  }

  vaadin-grid::part(hatched) {
    background-image: var(--hatch);
  }

  vaadin-grid::part(loading-row-cell) {
    background: linear-gradient(var(--line), var(--line)) 10px 50% / 60% 9px no-repeat;
  }

  vaadin-grid-cell-content {
    line-height: 19px;
  }

  .sorter {
    display: inline-flex;
    gap: 4px;
    align-items: center;
    max-width: 100%;
    padding: 0;
    border: 0;
    background: none;
    color: inherit;
    font: inherit;
    cursor: pointer;
  }

  .sorter:hover,
  .sorter.sorted {
    color: var(--fg);
  }

  .sorter svg {
    flex: none;
    visibility: hidden;
  }

  .sorter:hover svg,
  .sorter.sorted svg {
    visibility: visible;
  }

  .sorter.desc svg {
    rotate: 180deg;
  }

  .sorter:not(.sorted) svg {
    opacity: 0.5;
  }

  .end {
    display: block;
    text-align: end;
  }

  .two {
    display: flex;
    flex-direction: column;
    gap: 1px;
    overflow: hidden;
  }

  .two > * {
    overflow: hidden;
    text-overflow: ellipsis;
  }

  .two .sub,
  .sub {
    color: var(--fg-muted);
    font-size: var(--text-s);
  }

  .two .whole {
    overflow-wrap: anywhere;
    white-space: normal;
  }

  .two .status {
    align-self: start;
  }

  .end .two .status,
  .two.end .status {
    align-self: end;
  }

  .cut {
    display: flex;
    gap: 4px;
    align-items: baseline;
  }

  .cut > :first-child {
    overflow: hidden;
    text-overflow: ellipsis;
  }

  .negative {
    color: var(--danger);
    font-weight: 600;
  }

  .strong {
    font-weight: 500;
  }

  .wrap {
    white-space: normal;
  }
`;
