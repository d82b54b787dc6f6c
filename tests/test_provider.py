"""The connection types show up in Airflow's connection form."""

from __future__ import annotations

from airflow.api_fastapi.core_api.services.ui.connections import HookMetaService

from trade_exposure.provider import get_provider_info


def test_every_connection_type_is_offered_with_their_form() -> None:
    offered = {hook.connection_type: hook for hook in HookMetaService.hook_meta_data()}
    assert {"data_go_kr", "ecos", "eximbank"} <= set(offered)
    fields = offered["data_go_kr"].standard_fields
    assert fields is not None
    assert fields.password is not None
    assert fields.password.title == "Service key (decoded form)"
    assert fields.login is not None
    assert fields.login.hidden


def test_the_hooks_can_be_imported_under_the_names_the_form_uses() -> None:
    from trade_exposure.feeds.data_go_kr import DataGoKrHook
    from trade_exposure.feeds.ecos import EcosHook
    from trade_exposure.feeds.eximbank import EximbankHook

    named = {kind["connection-type"]: kind["hook-class-name"] for kind in get_provider_info()["connection-types"]}
    assert len(named) == 3
    for hook in (DataGoKrHook, EcosHook, EximbankHook):
        assert named[hook.conn_type] == f"{hook.__module__}.{hook.__name__}"
