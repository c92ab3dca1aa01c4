import { css } from 'lit';

export const diffStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    gap: var(--space-3);
    padding: var(--space-3) var(--space-4);
    min-width: 0;
  }

  h3 {
    font-size: var(--text-m);
    font-weight: 600;
  }

  .row {
    display: flex;
    flex-wrap: wrap;
    gap: var(--space-2);
    align-items: center;
  }

  .grow {
    flex: 1;
  }

  x-select {
    width: min(280px, 100%);
  }

  /* Words for screen readers are placed absolutely: they stay within their line. */
  .lines,
  .line {
    position: relative;
  }

  .lines {
    max-height: 460px;
    overflow: auto;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    font-family: var(--mono);
    font-size: var(--text-s);
    line-height: 1.6;
  }

  .line {
    display: flex;
    width: max-content;
    min-width: 100%;
    white-space: pre;
  }

  .at {
    flex: none;
    width: 5ch;
    padding-right: 1ch;
    color: var(--fg-muted);
    text-align: end;
    user-select: none;
  }

  .sign {
    flex: none;
    width: 2.4ch;
    text-align: center;
    user-select: none;
  }

  code {
    padding-right: var(--space-3);
    font: inherit;
  }

  .removed {
    background: var(--danger-soft);
  }

  .removed :is(.at, .sign) {
    color: var(--danger);
  }

  .added {
    background: var(--ok-soft);
  }

  .added :is(.at, .sign) {
    color: var(--ok);
  }

  .skip {
    padding: 0 1ch;
    border-block: 1px solid var(--line);
    background: var(--sunken);
    color: var(--fg-muted);
  }

  .skip:first-child {
    border-top: 0;
  }

  @media (width < 640px) {
    .line:not(.removed) .at:first-child,
    .removed .at + .at {
      display: none;
    }

    .at {
      width: 4ch;
    }
  }
`;
