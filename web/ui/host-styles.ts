import { css } from 'lit';

/** What every shadow root of ours begins with: the document's base styles do not reach into it. */
export const hostStyles = css`
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }

  :host([hidden]),
  [hidden] {
    display: none !important;
  }

  h1,
  h2,
  h3,
  p,
  ul,
  ol,
  dl,
  dd {
    margin: 0;
    padding: 0;
  }

  h1 {
    font-size: var(--text-xl);
    font-weight: 620;
    letter-spacing: -0.015em;
    line-height: 1.3;
  }

  h2 {
    font-size: var(--text-m);
    font-weight: 600;
  }

  ul,
  ol {
    list-style: none;
  }

  a {
    color: var(--accent-strong);
    text-decoration: none;
  }

  a:hover {
    text-decoration: underline;
  }

  button {
    font: inherit;
    color: inherit;
  }

  :focus-visible {
    outline: 2px solid var(--accent);
    outline-offset: 2px;
    border-radius: 3px;
  }

  .visually-hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }

  .muted {
    color: var(--fg-muted);
  }

  .mono {
    font-family: var(--mono);
    font-size: var(--text-s);
  }

  .card {
    background: var(--surface);
    border: 1px solid var(--line);
    border-radius: var(--radius-l);
  }
`;

/** The frame of every screen: a head with title and tools, then its sections. */
export const screenStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    gap: var(--space-3);
    min-height: 0;
    flex: 1;
  }

  .head {
    display: flex;
    flex-wrap: wrap;
    gap: var(--space-1) var(--space-2);
    align-items: baseline;
  }

  .head .grow {
    flex: 1;
  }

  .tools {
    display: flex;
    flex-wrap: wrap;
    gap: var(--space-2);
    align-items: end;
  }

  @media (width < 640px) {
    .head .subtitle {
      flex-basis: 100%;
    }
  }
`;
