import { css } from 'lit';
import { hostStyles } from '../../ui/host-styles.ts';
import { statusStyles } from '../../ui/status.ts';

/** What every screen of the floor looks like: one column of cards, wide enough for two on a desk. */
export const floorStyles = [
  hostStyles,
  statusStyles,
  css`
    :host {
      display: grid;
      grid-template-columns: minmax(0, 1fr);
      gap: var(--space-3);
      align-content: start;
    }

    .columns {
      display: grid;
      grid-template-columns: minmax(0, 1fr);
      gap: var(--space-3);
      align-items: start;
    }

    .columns > * {
      display: grid;
      grid-template-columns: minmax(0, 1fr);
      gap: var(--space-3);
      min-width: 0;
    }

    @media (width >= 1000px) {
      .columns {
        grid-template-columns: minmax(0, 7fr) minmax(0, 5fr);
        gap: var(--space-5);
      }
    }

    h2 {
      font-size: var(--text-m);
    }

    .card > h2,
    .card > .title {
      padding: 13px 14px 11px;
      border-bottom: 1px solid var(--line);
    }

    .title {
      display: flex;
      flex-wrap: wrap;
      gap: 4px var(--space-2);
      align-items: center;
      justify-content: space-between;
    }

    .form {
      display: grid;
      grid-template-columns: minmax(0, 1fr);
      gap: var(--space-4);
      padding: 14px;
    }

    .rows > li {
      padding: 12px 14px;
      border-top: 1px solid var(--line);
    }

    .rows > li:first-child {
      border-top: 0;
    }

    .rows > li.flush {
      padding: 0;
    }

    .line {
      display: flex;
      flex-wrap: wrap;
      gap: 2px var(--space-2);
      align-items: baseline;
      justify-content: space-between;
    }

    .line.then {
      margin-top: 12px;
    }

    .line > :first-child {
      min-width: 0;
      overflow-wrap: anywhere;
    }

    .line .number {
      font-weight: 600;
      white-space: nowrap;
    }

    .name {
      font-weight: 600;
      overflow-wrap: anywhere;
    }

    .muted,
    .note {
      color: var(--fg-muted);
      font-size: var(--text-s);
      overflow-wrap: anywhere;
    }

    .status {
      font-size: var(--text-s);
      line-height: 20px;
      padding: 2px 9px 2px 8px;
    }

    .mono {
      font-size: var(--text-s);
      overflow-wrap: anywhere;
    }

    .actions {
      display: flex;
      flex-wrap: wrap;
      gap: var(--space-2);
      margin-top: 10px;
    }

    x-button,
    .tap {
      min-height: var(--touch);
    }

    x-button.wide {
      display: flex;
      min-height: 56px;
    }

    a.tap,
    button.tap {
      display: block;
      width: 100%;
      padding: 12px 14px;
      border: 0;
      background: none;
      color: inherit;
      text-align: left;
      text-decoration: none;
      cursor: pointer;
    }

    .tap:hover {
      background: var(--sunken);
    }

    .tap:active,
    .tap[aria-pressed='true'] {
      background: var(--accent-soft);
    }

    .tap:focus-visible {
      outline-offset: -3px;
      border-radius: var(--radius-l);
    }

    .label {
      display: block;
      margin-bottom: 6px;
      color: var(--fg-muted);
      font-size: var(--text-s);
      font-weight: 500;
    }

    dl.facts {
      display: grid;
      grid-template-columns: auto minmax(0, 1fr);
      gap: 4px var(--space-3);
    }

    .facts dt {
      color: var(--fg-muted);
    }

    .facts dd {
      text-align: right;
      overflow-wrap: anywhere;
    }

    .bar {
      height: 6px;
      margin-top: 9px;
      border-radius: 99px;
      background: var(--line);
      overflow: hidden;
    }

    .bar svg {
      display: block;
      width: 100%;
      height: 100%;
      fill: var(--accent);
    }

    .bar.untold {
      background: var(--hatch);
    }

    .bar.full svg {
      fill: var(--ok-mark);
    }

    .none {
      padding: 18px 14px;
      color: var(--fg-muted);
    }
  `,
];
