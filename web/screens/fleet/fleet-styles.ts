import { css } from 'lit';

export const fleetStyles = css`
  .figures {
    display: grid;
    grid-template-columns: repeat(5, minmax(0, 1fr));
  }

  x-figure + x-figure {
    border-left: 1px solid var(--line);
  }

  .body {
    align-items: flex-start;
  }

  .grid {
    display: flex;
    flex-direction: column;
    gap: var(--space-3);
  }

  .drawer {
    position: sticky;
    top: 0;
    height: calc(100dvh - 88px);
  }

  section > h2,
  .tools > h2 {
    margin: 0;
  }

  section:not(.card) {
    display: flex;
    flex-direction: column;
    gap: var(--space-2);
    min-width: 0;
  }

  .tools {
    align-items: center;
  }

  .tools .grow {
    flex: 1;
  }

  x-select {
    width: 200px;
  }

  .alerts {
    max-height: 220px;
    overflow: auto;
  }

  .alerts ul {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(280px, 1fr));
  }

  .alerts li {
    padding: 8px 12px;
    box-shadow: 0 0 0 0.5px var(--line);
  }

  .alerts .row {
    display: flex;
    gap: 8px;
    align-items: center;
  }

  .alerts b {
    font-weight: 600;
    overflow: hidden;
    text-overflow: ellipsis;
  }

  .alerts .ago {
    margin-left: auto;
    color: var(--fg-muted);
    font-size: var(--text-s);
    white-space: nowrap;
  }

  .alerts .muted {
    font-size: var(--text-s);
  }

  .none {
    padding: 12px;
    color: var(--fg-muted);
  }

  .devices x-grid:not([short]) {
    height: 600px;
  }

  @media (width < 760px) {
    .figures {
      grid-template-columns: 1fr 1fr;
    }

    x-figure {
      border-top: 1px solid var(--line);
    }

    x-figure:nth-child(odd) {
      border-left: 0;
    }

    x-figure:nth-child(-n + 2) {
      border-top: 0;
    }

    .tools .grow {
      display: none;
    }
  }
`;
