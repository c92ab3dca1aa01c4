import { css } from 'lit';

export const drawerStyles = css`
  :host {
    display: flex;
    min-height: 0;
  }

  .body {
    display: flex;
    flex-direction: column;
    gap: var(--space-4);
  }

  dl > div {
    display: grid;
    grid-template-columns: 124px minmax(0, 1fr);
    gap: var(--space-2);
    padding: 6px 0;
    border-top: 1px solid var(--line);
  }

  dl > div:first-child {
    border-top: 0;
  }

  dt,
  .sub {
    color: var(--fg-muted);
  }

  dd,
  li {
    overflow-wrap: anywhere;
    font-variant-numeric: tabular-nums;
  }

  .sub {
    display: block;
    font-size: var(--text-s);
  }

  h3 {
    margin: 0 0 var(--space-2);
    font-size: var(--text-m);
    font-weight: 600;
  }

  section > p {
    font-size: var(--text-s);
  }

  code {
    font-family: var(--mono);
    font-size: var(--text-s);
    overflow-wrap: anywhere;
  }

  .reasons {
    margin-bottom: var(--space-2);
  }

  .reasons li {
    display: grid;
    grid-template-columns: minmax(36px, auto) minmax(0, 1fr);
    gap: var(--space-2);
    padding: 6px 0;
    border-top: 1px solid var(--line);
  }

  .reasons li:first-child {
    border-top: 0;
  }

  .reasons .count {
    text-align: right;
  }

  .devices li {
    display: flex;
    gap: var(--space-2);
    align-items: center;
    justify-content: space-between;
    min-height: 30px;
  }
`;
