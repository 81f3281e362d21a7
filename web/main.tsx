import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './parts/app.tsx';
import { ErrorBoundary } from './parts/error-boundary.tsx';
import { beginSession } from './state/session.ts';
import { language, setLanguage } from './state/settings.ts';

setLanguage(language.get());
beginSession();
const root = document.getElementById('root');
if (root === null) throw new Error('expected #root in index.html');
createRoot(root).render(
  <StrictMode>
    <ErrorBoundary>
      <App />
    </ErrorBoundary>
  </StrictMode>,
);
