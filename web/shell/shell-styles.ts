import { css } from 'lit';

export const shellStyles = css`
  :host {
    display: grid;
    grid-template: var(--top-height) minmax(0, 1fr) / var(--rail-width) minmax(0, 1fr);
    grid-template-areas: 'rail top' 'rail main';
    height: 100dvh;
  }

  .skip {
    position: absolute;
    z-index: 10;
    inset: 8px auto auto 8px;
    padding: 6px 12px;
    background: var(--surface);
    border: 1px solid var(--accent);
    border-radius: var(--radius);
    translate: 0 -60px;
  }

  .skip:focus {
    translate: 0 0;
  }

  nav {
    grid-area: rail;
    display: flex;
    flex-direction: column;
    gap: 2px;
    padding: 12px 8px;
    background: var(--surface);
    border-right: 1px solid var(--line);
    overflow: auto;
  }

  .brand {
    display: flex;
    gap: 8px;
    align-items: center;
    padding: 2px 8px 14px;
    font-size: var(--text-l);
    font-weight: 650;
    letter-spacing: -0.01em;
    color: var(--fg);
  }

  .brand svg {
    width: 17px;
    height: 17px;
    border-radius: 4px;
  }

  nav h2 {
    margin: 14px 8px 4px;
    font-size: 10.5px;
    line-height: 1.2;
    letter-spacing: 0.06em;
    text-transform: uppercase;
    color: var(--fg-muted);
  }

  nav a {
    display: flex;
    gap: 9px;
    align-items: center;
    padding: 5px 8px;
    border-radius: 5px;
    color: var(--fg-muted);
    text-decoration: none;
  }

  nav a:hover {
    text-decoration: none;
    background: var(--sunken);
    color: var(--fg);
  }

  nav a[aria-current='page'] {
    background: var(--accent-soft);
    color: var(--fg);
    font-weight: 500;
  }

  nav a[aria-current='page'] .icon {
    color: var(--accent-strong);
  }

  nav .label {
    flex: 1;
  }

  nav .count {
    font-weight: 600;
    font-size: var(--text-s);
  }

  nav .count.bad {
    color: var(--danger);
  }

  nav .count.warn {
    color: var(--warn);
  }

  .top {
    grid-area: top;
    display: flex;
    gap: 10px;
    align-items: center;
    padding: 0 var(--space-5);
    background: var(--surface);
    border-bottom: 1px solid var(--line);
    min-width: 0;
  }

  .find {
    display: flex;
    flex: 0 1 380px;
    gap: 8px;
    align-items: center;
    min-width: 0;
    padding: 0 6px 0 10px;
    border: 1px solid var(--control-line);
    border-radius: var(--radius);
    background: var(--canvas);
    color: var(--fg-muted);
  }

  .find:focus-within {
    outline: 2px solid var(--accent);
    outline-offset: -1px;
  }

  .find input {
    flex: 1;
    min-width: 0;
    padding: 5px 0;
    border: 0;
    outline: 0;
    background: none;
    color: var(--fg);
    font: inherit;
  }

  .find input::placeholder {
    color: var(--fg-muted);
    opacity: 1;
  }

  kbd {
    padding: 0 5px;
    border: 1px solid var(--line-strong);
    border-radius: 4px;
    background: var(--surface);
    font: 11px var(--mono);
  }

  .grow {
    flex: 1;
  }

  .chips {
    display: flex;
    gap: 8px;
    min-width: 0;
  }

  .chips a,
  .chips a:hover {
    text-decoration: none;
  }

  .tool {
    display: inline-flex;
    gap: 6px;
    align-items: center;
    padding: 5px;
    border: 0;
    border-radius: var(--radius);
    background: none;
    color: var(--fg-muted);
    cursor: pointer;
  }

  .tool:hover {
    background: var(--sunken);
    color: var(--fg);
  }

  .user {
    color: var(--fg-muted);
    white-space: nowrap;
    overflow: hidden;
    text-overflow: ellipsis;
    max-width: 140px;
  }

  main {
    grid-area: main;
    display: flex;
    flex-direction: column;
    gap: var(--space-3);
    min-height: 0;
    padding: var(--space-4) var(--space-5);
    overflow: auto;
    outline: 0;
  }

  main > * {
    flex-shrink: 0;
  }

  main > .screen {
    flex: 1 0 auto;
  }

  main > .screen.fills {
    flex: 1 1 0;
    min-height: 320px;
  }

  @media (width < 900px) {
    .find {
      display: none;
    }
  }

  @media (width < 640px) {
    :host {
      grid-template: auto minmax(0, 1fr) auto / minmax(0, 1fr);
      grid-template-areas: 'top' 'main' 'rail';
    }

    nav {
      flex-direction: row;
      justify-content: space-around;
      padding: 4px 8px calc(4px + env(safe-area-inset-bottom));
      border-right: 0;
      border-top: 1px solid var(--line);
    }

    nav h2,
    nav .brand {
      display: none;
    }

    nav a {
      flex: 1;
      flex-direction: column;
      gap: 1px;
      position: relative;
      font-size: var(--text-s);
    }

    nav .count {
      position: absolute;
      top: 1px;
      left: calc(50% + 12px);
      font-size: 11px;
    }

    .top {
      flex-wrap: wrap;
      gap: 4px 6px;
      padding: 6px 12px;
    }

    .chips {
      order: 2;
      flex-flow: row wrap;
      flex-basis: 100%;
      gap: 4px 6px;
    }

    .top .brand {
      display: flex;
      padding: 0;
    }

    main {
      padding: var(--space-3);
    }
  }

  @media (width >= 640px) {
    .top .brand {
      display: none;
    }
  }
`;
