/** @file Starts the pages. */
import './style/tokens.css';
import './style/base.css';
import { mount } from 'svelte';
import App from './app/App.svelte';
import { applyTheme, storedTheme } from './app/theme.ts';

applyTheme(storedTheme());
mount(App, { target: document.getElementById('app')! });
