import { css } from 'lit';

export const stockStyles = css`
  .tools {
    align-items: center;
  }

  .tools .grow {
    flex: 1;
  }

  x-select {
    width: 178px;
  }

  x-text-field {
    width: 268px;
  }

  .pill {
    padding: 4px 12px;
    border: 1px solid var(--accent);
    border-radius: 99px;
    background: var(--accent-soft);
    color: var(--accent-strong);
    font-size: var(--text-s);
    font-weight: 500;
    cursor: pointer;
  }

  @media (width < 640px) {
    .tools {
      display: grid;
      grid-template-columns: 1fr 1fr;
    }

    .tools .grow {
      display: none;
    }

    x-select,
    x-text-field {
      width: auto;
    }

    .pill {
      grid-column: 1 / 3;
    }
  }
`;
