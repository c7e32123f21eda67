import '@fontsource-variable/atkinson-hyperlegible-next';
import '@fontsource-variable/bitter';
import './styles/tokens.css';
import './styles/base.css';
import './ui/ui.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { openBridgeDoor } from './state/bridge-door.ts';
import { follow } from './state/store.ts';
import { openWebDoor } from './state/web-door.ts';
import { currentLanguage } from './state/words.ts';

const root = document.getElementById('root');
if (root === null) throw new Error('the page has no root');
document.documentElement.lang = currentLanguage();
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
const bridge = openBridgeDoor();
void (bridge === undefined ? openWebDoor() : Promise.resolve(bridge)).then(follow);
