"""The interface for partners: /api/v1 with its OpenAPI document, and the partners with their keys in administration."""

from __future__ import annotations

from web.partners import admin, city, docs, log, openapi, v1

ROUTES = [*v1.ROUTES, *city.ROUTES, *openapi.ROUTES, *docs.ROUTES, *admin.ROUTES, *log.ROUTES]
