import '@fontsource-variable/atkinson-hyperlegible-next';
import '@fontsource-variable/bitter';
import './styles/tokens.css';
import './styles/base.css';
import './ui/ui.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { follow } from './state/store.ts';
import { openWebDoor } from './state/web-door.ts';

const root = document.getElementById('root');
if (root === null) throw new Error('the page has no root');
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
void openWebDoor().then(follow);
