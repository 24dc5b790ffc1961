#!/usr/bin/env node
'use strict';
require('./weightroom.js');
