import { css } from 'lit';

export const fleetStyles = css`
  .figures {
    display: grid;
    grid-template-columns: repeat(5, minmax(0, 1fr));
  }

  x-figure + x-figure {
    border-left: 1px solid var(--line);
  }

  .upper {
    display: grid;
    grid-template-columns: minmax(0, 1fr) 300px;
    gap: var(--space-4);
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

  .upper x-grid {
    --grid-row-cursor: pointer;
  }

  .alerts {
    max-height: 340px;
    overflow: auto;
    flex: 1;
  }

  .alerts li {
    padding: 8px 12px;
    border-top: 1px solid var(--line);
  }

  .alerts li:first-child {
    border-top: 0;
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

  @media (width < 1160px) {
    .upper {
      grid-template-columns: minmax(0, 1fr);
    }
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
