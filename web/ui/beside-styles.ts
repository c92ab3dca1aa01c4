import { css } from 'lit';

/** A list in `.grid` and, beside it, the drawer of what is selected; on a small screen the drawer covers all. */
export const besideStyles = css`
  .body {
    display: flex;
    flex: 1;
    gap: var(--space-4);
    min-height: 0;
  }

  .grid {
    flex: 1;
    min-width: 0;
  }

  .card.grid {
    display: grid;
    align-content: center;
  }

  x-grid {
    --grid-row-cursor: pointer;
  }

  @media (width < 1000px) {
    .drawer {
      width: 0;
    }
  }
`;
