import { css } from 'lit';

export const personFormStyles = css`
  :host {
    display: block;
  }

  form,
  .part {
    display: flex;
    flex-direction: column;
    gap: var(--space-3);
  }

  .field {
    display: flex;
    flex-direction: column;
    gap: 2px;
    min-width: 0;
  }

  .pair {
    display: grid;
    grid-template-columns: 1fr 1fr;
    gap: var(--space-3);
  }

  .hint {
    color: var(--fg-muted);
    font-size: var(--text-s);
  }

  .problem {
    color: var(--danger);
    font-size: var(--text-s);
  }

  x-button[kind='primary'] {
    align-self: start;
  }

  .row {
    display: flex;
    flex-wrap: wrap;
    gap: var(--space-2);
    align-items: center;
  }
`;
