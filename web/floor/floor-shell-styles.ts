import { css } from 'lit';
import { hostStyles } from '../ui/host-styles.ts';
import { toneStyles } from '../ui/tone-styles.ts';

export const floorShellStyles = [
  hostStyles,
  toneStyles,
  css`
    :host {
      display: grid;
      grid-template-rows: auto 1fr auto;
      min-height: 100dvh;
    }

    .skip {
      position: absolute;
      z-index: 10;
      inset: 8px auto auto 8px;
      padding: 12px 16px;
      background: var(--surface);
      border: 1px solid var(--accent);
      border-radius: var(--radius);
      translate: 0 -90px;
    }

    .skip:focus {
      translate: 0 0;
    }

    header {
      position: sticky;
      top: 0;
      z-index: 2;
      background: var(--canvas);
      border-bottom: 1px solid var(--line);
    }

    .within {
      display: flex;
      gap: 10px;
      align-items: center;
      width: min(100%, 1120px);
      margin: 0 auto;
      padding: 0 14px;
    }

    header .within {
      min-height: 56px;
    }

    .brand {
      display: flex;
      gap: 8px;
      align-items: center;
      font-size: 0;
    }

    .brand svg {
      width: 20px;
      height: 20px;
    }

    h1 {
      font-size: var(--text-l);
      white-space: nowrap;
    }

    h1.where {
      overflow: hidden;
      text-overflow: ellipsis;
    }

    span.where {
      min-width: 0;
      overflow: hidden;
      color: var(--fg-muted);
      font-size: var(--text-s);
      text-overflow: ellipsis;
      white-space: nowrap;
    }

    .tool,
    .person {
      display: grid;
      place-items: center;
      min-height: var(--touch);
      color: var(--fg-muted);
    }

    .tool {
      width: var(--touch);
      margin-left: -14px;
    }

    .tool svg {
      width: 24px;
      height: 24px;
    }

    .person {
      margin-left: auto;
      padding: 0 4px;
      white-space: nowrap;
    }

    main {
      display: grid;
      gap: var(--space-3);
      align-content: start;
      width: min(100%, 1120px);
      margin: 0 auto;
      padding: 14px 14px 28px;
      min-width: 0;
    }

    main:focus {
      outline: none;
    }

    main > * {
      min-width: 0;
    }

    .banner {
      padding: 11px 14px;
      background: var(--tone-soft);
      border: 1px solid var(--tone-line);
      border-radius: var(--radius-l);
    }

    .banner b {
      display: flex;
      gap: 8px;
      align-items: start;
      font-weight: 620;
    }

    .banner .shape {
      width: 13px;
      height: 13px;
      margin-top: 5px;
      flex: none;
      color: var(--tone);
    }

    footer {
      position: sticky;
      bottom: 0;
      z-index: 2;
      background: var(--accent-soft);
      border-top: 1px solid var(--accent);
    }

    footer .within {
      min-height: 64px;
      padding-block: 6px;
    }

    footer .within > span {
      flex: 1;
      min-width: 0;
      overflow-wrap: anywhere;
      line-height: 1.3;
    }

    footer .muted {
      font-size: var(--text-s);
      color: inherit;
    }

    footer .shape {
      flex: none;
      width: 16px;
      height: 16px;
      color: var(--accent-strong);
    }

    x-button {
      min-height: var(--touch);
    }

    @media (width < 560px) {
      span.where {
        display: none;
      }
    }
  `,
];
