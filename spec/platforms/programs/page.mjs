// For a page, which shows in its title what has worked.
import { converse } from './conversation.mjs';

converse().then(
  (worked) => {
    document.title = worked;
  },
  (error) => {
    document.title = `failed: ${error.stack}`;
  },
);
